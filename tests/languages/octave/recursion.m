max_recursion_depth(2000);
max_stack_depth(2000);

function sum = add(n)
  if n == 0
    sum = 0;
  else
    sum = n + add(n - 1);
  end
end

printf("%d\n", add(1000));
