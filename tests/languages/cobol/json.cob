      *> This GnuCOBOL is without JSON PARSE: as much of it as the
      *> document needs, by INSPECT and UNSTRING.
       identification division.
       program-id. prog.
       data division.
       working-storage section.
       01 document pic x(200).
       01 member-name pic x(10).
       01 start-at pic 999.
       01 text-value pic x(80).
       01 plain pic x(80).
       01 plain-at pic 99 value 1.
       01 i pic 99.
       01 code-point pic 9(5).
       01 digit pic 99.
       01 tags pic 9 value 1.
       01 n pic 99.
       01 answer-list.
           02 item pic 9 occurs 3.
       procedure division.
           accept document
           move "name" to member-name
           perform find-value
           unstring document(start-at + 1:) delimited by '"'
               into text-value
           perform decode-text

           move "tags" to member-name
           perform find-value
           unstring document(start-at:) delimited by "]"
               into text-value
           inspect text-value tallying tags for all ","

           move "n" to member-name
           perform find-value
           unstring document(start-at:) delimited by "}" or ","
               into text-value
           compute n = function numval(text-value) + 1
           display function trim(plain) " " tags " " n

           move "123" to answer-list
           display '{"ok":true,"list":[' item(1) "," item(2) "," item(3)
               "]}"
           stop run.
       find-value.
           move 1 to start-at
           inspect document tallying start-at for characters before
               initial function concatenate(
                   '"', function trim(member-name), '": ')
           compute start-at = start-at + 4
               + function stored-char-length(member-name).
       decode-text.
           perform varying i from 1 by 1 until text-value(i:) = spaces
               if text-value(i:2) = "\u"
                   add 2 to i
                   perform decode-character
               else
                   string text-value(i:1) into plain
                       with pointer plain-at
               end-if
           end-perform.
       decode-character.
           move 0 to code-point
           perform 4 times
               move 0 to digit
               inspect "0123456789abcdef" tallying digit
                   for characters before initial text-value(i:1)
               compute code-point = code-point * 16 + digit
               add 1 to i
           end-perform
           subtract 1 from i
      *    Two bytes, as all below 2048; FUNCTION CHAR counts from 1.
           string function char(193 + function integer(code-point / 64))
               function char(129 + function mod(code-point, 64))
               into plain with pointer plain-at.
