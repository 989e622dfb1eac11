use std::process::Command;

fn main() {
    let done = Command::new("sh").args(["-c", "echo child; exit 3"]).output().unwrap();
    print!("{}", String::from_utf8(done.stdout).unwrap());
    println!("{}", done.status.code().unwrap());
}
