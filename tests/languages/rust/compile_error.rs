fn main() {
    println!("before");
    let x = = 1;
}
