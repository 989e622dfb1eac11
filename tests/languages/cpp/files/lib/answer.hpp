#pragma once

#include <string>

std::string answer();
