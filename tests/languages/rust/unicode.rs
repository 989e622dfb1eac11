fn main() {
    println!("Grüße, 世界 🙂");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let line = line.trim_end();
    println!("{line}\n{}", line.chars().count());
}
