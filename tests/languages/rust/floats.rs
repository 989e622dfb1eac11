fn main() {
    println!("{:.17}\n{:.15}\n{:.10}\n{:.6}", 0.1 + 0.2, 2f64.sqrt(), std::f64::consts::PI, 1.0 / 3.0);
}
