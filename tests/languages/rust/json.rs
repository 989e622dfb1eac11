// There is no JSON in Rust's library: as much of it as the document needs.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let at = text.find(&format!("\"{key}\": ")).unwrap() + key.len() + 4;
    &text[at..]
}

fn string(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text[1..].chars();
    loop {
        match chars.next().unwrap() {
            '"' => return out,
            '\\' => {
                chars.next();
                let code: String = chars.by_ref().take(4).collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
            }
            c => out.push(c),
        }
    }
}

fn main() {
    let text = std::io::read_to_string(std::io::stdin()).unwrap();
    let tags = value(&text, "tags").split(']').next().unwrap().split(',').count();
    let n: i32 = value(&text, "n").trim_end().trim_end_matches('}').parse().unwrap();
    println!("{} {} {}", string(value(&text, "name")), tags, n + 1);
    println!("{{\"ok\":{},\"list\":{}}}", true, format!("{:?}", [1, 2, 3]).replace(' ', ""));
}
