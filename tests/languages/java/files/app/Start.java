package app;

import app.lib.Answer;

public class Start {
	public static void main(String[] args) {
		System.out.println(Answer.text());
	}
}
