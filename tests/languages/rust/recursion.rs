fn add(n: u64) -> u64 {
    if n == 0 { 0 } else { n + add(n - 1) }
}

fn main() {
    println!("{}", add(10000));
}
