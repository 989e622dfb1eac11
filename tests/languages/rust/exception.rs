fn fail() {
    panic!("the end");
}

fn main() {
    println!("before");
    fail();
}
