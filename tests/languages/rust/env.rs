use std::env::var;

fn main() {
    println!("{}\n[{}]\n{}\n{}", var("GREETING").unwrap(), var("EMPTY").unwrap(), var("HOME").unwrap(), var("LANG").unwrap());
}
