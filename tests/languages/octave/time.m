disp(strftime("%Y-%m-%d %H:%M:%S", gmtime(1704067200)));
start = tic();
pause(0.05);
seconds = toc(start);
if seconds >= 0.045 && seconds < 10
  disp("yes");
else
  disp("no");
end
