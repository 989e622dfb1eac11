fn main() {
    println!("begin");
    std::thread::sleep(std::time::Duration::from_secs(60));
}
