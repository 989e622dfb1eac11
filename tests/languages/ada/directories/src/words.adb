with Worlds;

package body Words is
   function First return String is ("Hello,");
   function Second return String is (Worlds.Name);
end Words;
