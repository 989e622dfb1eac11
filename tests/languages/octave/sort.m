x = 42;
numbers = zeros(1, 100000);
for i = 1:100000
  numbers(i) = x;
  x = mod(x * 16807, 2147483647);
end
numbers = sort(numbers);
printf("%d %d %d\n", numbers(1), numbers(50001), numbers(100000));
