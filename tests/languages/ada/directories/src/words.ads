package Words is
   function First return String;
   function Second return String;
end Words;
