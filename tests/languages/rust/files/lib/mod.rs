pub fn answer() -> String {
    format!("the answer is {}", 6 * 7)
}
