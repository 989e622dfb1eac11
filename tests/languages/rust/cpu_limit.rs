fn main() {
    println!("begin");
    loop {
        std::hint::black_box(0);
    }
}
