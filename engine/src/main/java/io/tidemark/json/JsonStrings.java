package io.tidemark.json;

/** Escapes of JSON strings. */
final class JsonStrings {
    private JsonStrings() {}

    /**
     * Resolves the escapes of a string that is known to be well-formed JSON.
     *
     * @return how many bytes were written, never more than there were; the negative of that number if there was half of
     *     a surrogate pair, which is then written as three bytes that are not valid UTF-8
     */
    static int unescape(byte[] buf, int start, int end, byte[] into, int at) {
        int out = at;
        boolean text = true;
        int i = start;
        while (i < end) {
            byte b = buf[i++];
            if (b != '\\') {
                into[out++] = b;
                continue;
            }
            byte e = buf[i++];
            switch (e) {
                case 'b' -> into[out++] = '\b';
                case 'f' -> into[out++] = '\f';
                case 'n' -> into[out++] = '\n';
                case 'r' -> into[out++] = '\r';
                case 't' -> into[out++] = '\t';
                case 'u' -> {
                    int c = hex4(buf, i);
                    i += 4;
                    if (Character.isHighSurrogate((char) c)
                            && i + 6 <= end
                            && buf[i] == '\\'
                            && buf[i + 1] == 'u'
                            && Character.isLowSurrogate((char) hex4(buf, i + 2))) {
                        c = Character.toCodePoint((char) c, (char) hex4(buf, i + 2));
                        i += 6;
                    }
                    text &= c >= Character.MIN_SUPPLEMENTARY_CODE_POINT || !Character.isSurrogate((char) c);
                    out = utf8(c, into, out);
                }
                default -> into[out++] = e;
            }
        }
        return text ? out - at : at - out;
    }

    /** Whether bytes are UTF-8. */
    static boolean isUtf8(byte[] buf, int start, int end) {
        int i = start;
        while (i >= 0 && i < end) {
            i = buf[i] >= 0 ? i + 1 : multibyte(buf, i, end);
        }
        return i >= 0;
    }

    /**
     * Walks over a character of two to four bytes, by the table in section 4 of RFC 3629; returns the position after it, or
     * -1 if it is not UTF-8.
     */
    static int multibyte(byte[] buf, int at, int end) {
        int lead = buf[at] & 0xFF;
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        boolean valid = lead >= 0xC2 && lead <= 0xF4 && at + length <= end;
        if (valid) {
            int second = buf[at + 1] & 0xFF;
            int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            valid = second >= lowest && second <= highest;
            for (int i = at + 2; i < at + length; i++) {
                valid &= (buf[i] & 0xC0) == 0x80;
            }
        }
        return valid ? at + length : -1;
    }

    /** The value of a hex digit, or -1. */
    static int hex(int b) {
        return b >= '0' && b <= '9'
                ? b - '0'
                : b >= 'a' && b <= 'f' ? b - 'a' + 10 : b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
    }

    private static int hex4(byte[] buf, int i) {
        return (hex(buf[i]) << 12) | (hex(buf[i + 1]) << 8) | (hex(buf[i + 2]) << 4) | hex(buf[i + 3]);
    }

    private static int utf8(int c, byte[] into, int at) {
        int out = at;
        if (c < 0x80) {
            into[out++] = (byte) c;
        } else if (c < 0x800) {
            into[out++] = (byte) (0xC0 | (c >> 6));
            into[out++] = (byte) (0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            into[out++] = (byte) (0xE0 | (c >> 12));
            into[out++] = (byte) (0x80 | ((c >> 6) & 0x3F));
            into[out++] = (byte) (0x80 | (c & 0x3F));
        } else {
            into[out++] = (byte) (0xF0 | (c >> 18));
            into[out++] = (byte) (0x80 | ((c >> 12) & 0x3F));
            into[out++] = (byte) (0x80 | ((c >> 6) & 0x3F));
            into[out++] = (byte) (0x80 | (c & 0x3F));
        }
        return out;
    }
}
