exports.answer = () => `the answer is ${6 * 7}`;
