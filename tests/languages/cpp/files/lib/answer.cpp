#include "answer.hpp"

std::string answer()
{
	return "the answer is " + std::to_string(6 * 7);
}
