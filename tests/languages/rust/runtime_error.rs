fn main() {
    println!("before"); let few = [1, 2, 3]; let place = std::env::args().count() + 4;
    println!("{}", few[place]);
}
