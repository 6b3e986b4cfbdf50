package io.tidemark.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name or an array position on the way to one or more fields: the paths of a {@link FieldScanner} as a tree. */
final class FieldNode {
    /** The name in UTF-8; empty for a position. */
    final byte[] name;
    /** The position in an array, from 0; -1 for a name. */
    final int position;
    /** The number of the field whose path ends here, or -1. */
    int field = -1;
    /** How many paths end here or lead through here. */
    int fields;

    FieldNode[] children = new FieldNode[0];
    /** The number of the last record that had this node; a second occurrence of its name is then skipped. */
    long record;

    private FieldNode(byte[] name, int position) {
        this.name = name;
        this.position = position;
    }

    /**
     * The root of the tree for these fields, which get their numbers from 0 in the order of the list.
     *
     * @throws IllegalArgumentException if a path is given twice
     */
    static FieldNode tree(List<FieldPath> fields) {
        FieldNode root = new FieldNode(new byte[0], -1);
        HashSet<String> seen = new HashSet<>();
        for (int i = 0; i < fields.size(); i++) {
            if (!seen.add(fields.get(i).text())) {
                throw new IllegalArgumentException("the path " + fields.get(i).text() + " is given twice");
            }
            root.add(fields.get(i).steps(), 0, i);
        }
        return root;
    }

    private void add(List<FieldPath.Step> steps, int depth, int number) {
        fields++;
        if (depth == steps.size()) {
            field = number;
            return;
        }
        FieldPath.Step step = steps.get(depth);
        byte[] wanted = step.name().getBytes(StandardCharsets.UTF_8);
        FieldNode next = null;
        for (FieldNode each : children) {
            if (each.position == step.position() && Arrays.equals(each.name, wanted)) {
                next = each;
            }
        }
        if (next == null) {
            next = new FieldNode(wanted, step.position());
            children = Arrays.copyOf(children, children.length + 1);
            children[children.length - 1] = next;
        }
        next.add(steps, depth + 1, number);
    }

    /** The child with this name, or null. */
    @Nullable
    FieldNode member(byte[] text, int from, int to) {
        for (FieldNode each : children) {
            if (each.position < 0 && Arrays.equals(text, from, to, each.name, 0, each.name.length)) {
                return each;
            }
        }
        return null;
    }

    /** The child at this position of an array, or null. */
    @Nullable
    FieldNode element(int wanted) {
        for (FieldNode each : children) {
            if (each.position == wanted) {
                return each;
            }
        }
        return null;
    }
}
