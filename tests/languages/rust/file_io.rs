use std::fs;
use std::io::Write;

fn main() {
    fs::write("data.txt", "alpha\nbeta\n").unwrap();
    fs::OpenOptions::new().append(true).open("data.txt").unwrap().write_all(b"gamma\n").unwrap();
    print!("{}", fs::read_to_string("data.txt").unwrap());
    println!("{}", fs::metadata("data.txt").unwrap().len());
    fs::remove_file("data.txt").unwrap();
    println!("{}", if fs::exists("data.txt").unwrap() { "no" } else { "yes" });
}
