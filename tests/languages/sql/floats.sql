select printf('%!.17f', 0.1 + 0.2);
select printf('%!.15f', 1.414213562373095);
select printf('%.10f', pi());
select printf('%.6f', 1.0 / 3);
