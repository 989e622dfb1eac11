use std::io::Write;

fn main() {
    let bytes: Vec<u8> = (0..=255).collect();
    std::io::stdout().write_all(&bytes).unwrap();
}
