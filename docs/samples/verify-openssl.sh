#!/bin/sh
# verify-openssl.sh FILE CA.pem — checks the SM2 seal of a PDF with openssl 3 and small Unix tools only.
#
# It proves: the signature covers the whole file but its own hole; the SM3 digest of those bytes is the signed one; the SM2 signature over
# the signed attributes verifies with the certificate inside; that certificate leads to CA.pem and was valid when the file was signed.
# Exit 0: all proven. Exit 1: not. It does not ask whether the licence was revoked or has expired.
# Needs: openssl 3, xxd, grep -a, head -c, tail -c, awk, od, tr.
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 2 ] || { echo "usage: $0 FILE CA.pem" >&2; exit 2; }
file=$1 ca=$2
id=1234567812345678 # the default user id of SM2 (GM/T 0009)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "FAILED: $1" >&2; exit 1; }
cut_bytes() { tail -c "+$(($2 + 1))" "$1" | head -c "$3"; } # FILE OFFSET LENGTH

# 1. The ranges: one signature, from the first byte to the last, nothing left out but the hole.
grep -a -o '/ByteRange\[[0-9 ]*\]/Contents<' "$file" >"$tmp/range" || fail "no signature"
[ "$(grep -a -o '/ByteRange' "$file" | wc -l)" -eq 1 ] || fail "more than one signature"
read -r zero from to rest <<END
$(tr -c '0-9 \n' ' ' <"$tmp/range" | awk '{print $1+0, $2+0, $3+0, $4+0}')
END
size=$(($(wc -c <"$file")))
[ "$zero" -eq 0 ] && [ $((to + rest)) -eq "$size" ] && [ "$to" -gt "$from" ] || fail "the signature does not cover the whole file"
[ "$(cut_bytes "$file" "$from" 1)$(cut_bytes "$file" $((to - 1)) 1)" = "<>" ] || fail "the ranges do not meet the hole"

# 2. The hole: lower-case hexadecimal, one DER element, then zeros.
cut_bytes "$file" $((from + 1)) $((to - from - 2)) >"$tmp/hole"
[ -z "$(tr -d '0-9a-f' <"$tmp/hole" | od -An -c)" ] || fail "the hole is not lower-case hexadecimal"
xxd -r -p "$tmp/hole" >"$tmp/padded.der"
[ "$(head -c 4 "$tmp/hole")" = 3082 ] || fail "no signature container in the hole"
length=$((4 + 0x$(cut_bytes "$tmp/hole" 4 4)))
head -c "$length" "$tmp/padded.der" >"$tmp/cms.der"
[ -z "$(tail -c "+$((length * 2 + 1))" "$tmp/hole" | tr -d 0)" ] || fail "something is hidden in the padding"

# 3. The parts of the CMS, by their places.
openssl asn1parse -inform DER -in "$tmp/cms.der" >"$tmp/tree" || fail "the signature container cannot be read"
# Lines look like "  57:d=3  hl=4 l= 552 cons: cont [ 0 ]": offset, depth, header length, length.
awk '{ line = $0; gsub(/[:=]/, " "); match(line, /hl= *[0-9]+/); hl = substr(line, RSTART + 3, RLENGTH - 3); match(line, / l= *[0-9]+/)
       l = substr(line, RSTART + 3, RLENGTH - 3); print $1, $3, hl + 0, l + 0, line }' "$tmp/tree" >"$tmp/places"
n=0
awk '$2 == 3 && /cont \[ 0 \]/ { in_certs = 1; next } $2 <= 3 { in_certs = 0 } in_certs && $2 == 4 { print $1, $3 + $4 }' "$tmp/places" >"$tmp/certs"
while read -r at len; do
	n=$((n + 1))
	cut_bytes "$tmp/cms.der" "$at" "$len" >"$tmp/cert.der"
	openssl x509 -inform DER -in "$tmp/cert.der" -out "$tmp/cert$n.pem" || fail "a certificate cannot be read"
done <"$tmp/certs"
[ "$n" -ge 1 ] || fail "no certificate"
attrs=$(awk '$2 == 5 && /cont \[ 0 \]/ { place = $1 " " $3 + $4 } END { print place }' "$tmp/places")
sig=$(awk '$2 == 5 && /OCTET STRING/ { place = $1 + $3 " " $4 } END { print place }' "$tmp/places")
[ -n "$attrs" ] && [ -n "$sig" ] || fail "no signed attributes or no signature"
# The signed message is the attributes as a SET (31), not as [0] (a0).
{ printf '\061'; cut_bytes "$tmp/cms.der" $((${attrs% *} + 1)) $((${attrs#* } - 1)); } >"$tmp/attrs.der"
cut_bytes "$tmp/cms.der" "${sig% *}" "${sig#* }" >"$tmp/sig.der"

# 4. Digest.
said=$(awk '/:messageDigest/ { found = 1 } found && /OCTET STRING/ { sub(/.*\[HEX DUMP\]:/, ""); print tolower($0); exit }' "$tmp/tree")
is=$({ head -c "$from" "$file"; tail -c "+$((to + 1))" "$file"; } | openssl dgst -sm3 -r | cut -d' ' -f1)
[ "$said" = "$is" ] || fail "SM3 digest differs: the bytes were changed after signing"
echo "digest     SM3 $is"

# 5. Signature.
openssl x509 -in "$tmp/cert1.pem" -noout -pubkey >"$tmp/signer.pub"
openssl dgst -sm3 -verify "$tmp/signer.pub" -sigopt "distid:$id" -signature "$tmp/sig.der" "$tmp/attrs.der" >"$tmp/said" 2>&1 || fail "SM2 signature does not verify"
echo "signature  SM2 verified"

# 6. Chain, judged at the signing time (UTC, YYMMDDHHMMSSZ or with four digits of the year), turned into seconds since 1970.
signed=$(awk '/:signingTime/ { found = 1 } found && /(UTC|GENERALIZED)TIME/ { sub(/.*:/, ""); print; exit }' "$tmp/tree")
seconds=$(echo "$signed" | awk '{ t = $0; sub(/Z$/, "", t); if (length(t) == 12) t = "20" t
	y = substr(t, 1, 4) + 0; m = substr(t, 5, 2) + 0; d = substr(t, 7, 2) + 0
	if (m <= 2) { y--; m += 12 }
	days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469
	printf "%.0f", days * 86400 + substr(t, 9, 2) * 3600 + substr(t, 11, 2) * 60 + substr(t, 13, 2) }')
# openssl applies the user id only to the first certificate of a chain, so each link is checked alone; the last one must lead to CA.pem.
i=1
while [ "$i" -le "$n" ]; do
	if [ "$i" -lt "$n" ]; then set -- -partial_chain -CAfile "$tmp/cert$((i + 1)).pem"; else set -- -CAfile "$ca"; fi
	openssl verify "$@" -no-CApath -no-CAstore -attime "$seconds" -vfyopt "distid:$id" "$tmp/cert$i.pem" >"$tmp/said" 2>&1 || {
		cat "$tmp/said" >&2
		fail "the certificates do not lead to $ca"
	}
	i=$((i + 1))
done
echo "chain      $(openssl x509 -in "$tmp/cert1.pem" -noout -subject -nameopt utf8,sep_comma_plus)"
echo "signed at  $signed"
echo "licence    $(grep -a -o '/TongbanLicence<[0-9a-f]*>' "$file" | sed 's/.*<//; s/>//' | xxd -r -p)"
echo OK
