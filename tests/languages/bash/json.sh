jq -r '"\(.name) \(.tags | length) \(.n + 1)"'
jq -nc '{ok: true, list: [1, 2, 3]}'
