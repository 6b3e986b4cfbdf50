package io.tidemark.part;

import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.GroupValue.GroupType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What the accumulators take of a record. Each record has another partition or offset. */
final class Sample {
    final long time;
    final int partition;
    final long offset;
    /** A text, as typed bytes in the middle of a longer array. */
    final byte[] buffer;

    final byte[] text;
    final double number;
    final long units;

    private Sample(long time, int partition, long offset, byte[] text, double number, long units) {
        this.time = time;
        this.partition = partition;
        this.offset = offset;
        this.text = text;
        this.number = number;
        this.units = units;
        buffer = new byte[text.length + 5];
        Arrays.fill(buffer, (byte) 's');
        System.arraycopy(text, 0, buffer, 3, text.length);
    }

    /** Up to some hundred records, with times, texts and numbers that occur often. */
    static List<Sample> some(Random random) {
        int count = random.nextInt(random.nextInt(4) == 0 ? 2_000 : 120);
        int texts = 1 + random.nextInt(random.nextBoolean() ? 8 : 1_000);
        int times = 1 + random.nextInt(20);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(new Sample(
                    (random.nextInt(times) - times / 2) * 1_000L,
                    random.nextInt(3),
                    i,
                    text(random, texts),
                    number(random),
                    random.nextBoolean() ? random.nextInt(5) : random.nextLong() >> random.nextInt(64)));
        }
        return samples;
    }

    private static byte[] text(Random random, int texts) {
        // Small numbers are more frequent.
        int number = random.nextInt(1 + random.nextInt(texts));
        String text = Integer.toString(number).repeat(1 + number % 3);
        return GroupKey.of(List.of(new GroupValue(number % 2 == 0 ? GroupType.STRING : GroupType.NUMBER, text)));
    }

    private static double number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(4) - 1.5;
            case 1 -> random.nextBoolean() ? 0.0 : -0.0;
            case 2 -> random.nextGaussian() * Math.scalb(1.0, random.nextInt(200) - 100);
            default -> 100 + 20 * random.nextGaussian();
        };
    }
}
