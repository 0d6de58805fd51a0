package io.frauddetector.flink;

import java.util.ArrayList;
import java.util.List;

/** A text with places to fill in, cut at its markers once; a backslash takes the meaning from what follows it. */
final class Template {

    private final String written;
    private final List<String> pieces = new ArrayList<>();
    private final StringBuilder markers = new StringBuilder();

    Template(String written, String possible) {
        this.written = written;
        StringBuilder piece = new StringBuilder();
        for (int i = 0; i < written.length(); i++) {
            char found = written.charAt(i);
            if (found == '\\' && i + 1 < written.length()) {
                piece.append(written.charAt(++i));
            } else if (possible.indexOf(found) < 0) {
                piece.append(found);
            } else {
                markers.append(found);
                pieces.add(piece.toString());
                piece.setLength(0);
            }
        }
        pieces.add(piece.toString());
    }

    boolean of(String other) {
        return written.equals(other);
    }

    /** What stands before the place of that number. */
    String before(int place) {
        return pieces.get(place);
    }

    char marker(int place) {
        return markers.charAt(place);
    }

    String end() {
        return pieces.get(pieces.size() - 1);
    }
}
