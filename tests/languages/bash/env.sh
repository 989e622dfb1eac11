echo "$GREETING"
echo "[$EMPTY]"
echo "$HOME"
echo "$LANG"
