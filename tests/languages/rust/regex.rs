// There are no regular expressions in Rust's library: the same by hand.
fn main() {
    let text = std::io::read_to_string(std::io::stdin()).unwrap();
    for word in text.split(|c: char| c == ',' || c.is_whitespace()) {
        if let Some((user, rest)) = word.split_once('@') {
            if let Some(place) = rest.strip_suffix(".com") {
                println!("{user} at {place}");
            }
        }
    }
    print!("{}", text.replace(|c: char| c.is_ascii_digit(), "#"));
}
