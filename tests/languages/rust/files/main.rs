mod lib;

fn main() {
    println!("{}", lib::answer());
}
