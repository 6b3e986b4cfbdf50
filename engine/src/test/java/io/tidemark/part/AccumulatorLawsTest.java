package io.tidemark.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What exactly-once over batches needs of each accumulator. */
class AccumulatorLawsTest {

    @Provide
    Arbitrary<Subject<?>> subjects() {
        return Arbitraries.of(Subjects.all());
    }

    @Provide
    Arbitrary<Subject.OfPart<?>> parts() {
        return Arbitraries.of(Subjects.parts());
    }

    /** Records in any order, cut anywhere, and merged as any tree, with some accumulators stored and read in between. */
    @Property(tries = 3_000)
    void anyCutAndAnyMergesGiveTheSameResult(@ForAll long seed, @ForAll("subjects") Subject<?> subject)
            throws Exception {
        cutAndMerge(subject, new Random(seed));
    }

    private static <S> void cutAndMerge(Subject<S> subject, Random random) throws Exception {
        List<Sample> samples = Sample.some(random);
        S whole = fold(subject, samples);
        subject.check(whole, samples);

        List<Sample> shuffled = new ArrayList<>(samples);
        if (random.nextBoolean()) {
            Collections.shuffle(shuffled, random);
        }
        List<S> pieces = new ArrayList<>();
        int longest = 1 + random.nextInt(shuffled.size() + 1);
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + random.nextInt(longest + 1));
            pieces.add(fold(subject, shuffled.subList(from, to)));
            from = to;
        }
        pieces.add(subject.create());
        Collections.shuffle(pieces, random);
        while (pieces.size() > 1) {
            S from = stored(subject, pieces.remove(random.nextInt(pieces.size())), random);
            int at = random.nextInt(pieces.size());
            pieces.set(at, stored(subject, pieces.get(at), random));
            subject.merge(pieces.get(at), from);
        }
        S merged = stored(subject, pieces.get(0), random);

        subject.check(merged, samples);
        if (subject.strength == Strength.EXACT) {
            assertThat(subject.encode(merged)).isEqualTo(subject.encode(whole));
        }
    }

    private static <S> S fold(Subject<S> subject, List<Sample> samples) throws Exception {
        S state = subject.create();
        for (Sample each : samples) {
            subject.add(state, each);
        }
        return state;
    }

    private static <S> S stored(Subject<S> subject, S state, Random random) {
        return random.nextBoolean() ? state : subject.decode(subject.encode(state));
    }

    /** A decoded accumulator goes on as the one that was encoded. */
    @Property(tries = 1_000)
    void whatIsStoredIsReadBack(@ForAll long seed, @ForAll("parts") Subject.OfPart<?> subject) throws Exception {
        storeAndContinue(subject, new Random(seed));
    }

    private static <P extends Part> void storeAndContinue(Subject.OfPart<P> subject, Random random) throws Exception {
        P part = fold(subject, Sample.some(random));
        byte[] bytes = subject.encode(part);
        P back = subject.decode(bytes);
        assertThat(subject.encode(back)).isEqualTo(bytes);

        for (Sample each : Sample.some(random)) {
            subject.add(part, each);
            subject.add(back, each);
        }
        if (subject.strength == Strength.EXACT) {
            assertThat(subject.encode(back)).isEqualTo(subject.encode(part));
        }
    }

    /** Damaged bytes are refused, or they are what another part writes; and they never take much memory. */
    @Property(tries = 6_000)
    void damageIsRefused(@ForAll long seed, @ForAll("parts") Subject.OfPart<?> subject) throws Exception {
        damage(subject, new Random(seed));
    }

    private static <P extends Part> void damage(Subject.OfPart<P> subject, Random random) throws Exception {
        byte[] bytes = damaged(subject.encode(fold(subject, Sample.some(random))), random);
        // The first time loads classes, which allocates too.
        Throwable refused = catchThrowable(() -> subject.decode(bytes));
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread0 = Thread.currentThread().getId();
        long before = thread.getThreadAllocatedBytes(thread0);
        P part = null;
        try {
            part = subject.decode(bytes);
        } catch (IllegalArgumentException e) {
            // The same as the first time.
        }
        long allocated = thread.getThreadAllocatedBytes(thread0) - before;

        assertThat(allocated).isLessThan(10_000 + 200L * bytes.length);
        if (part == null) {
            assertThat(refused)
                    .hasMessageMatching("a stored part of a cell is damaged: .+|a number does not end where it should");
        } else {
            assertThat(subject.encode(part)).isEqualTo(bytes);
        }
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        switch (random.nextInt(5)) {
            case 0 -> damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> damaged = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(3));
            case 2 -> {
                // A byte more in the middle.
                damaged = new byte[bytes.length + 1];
                int at = random.nextInt(bytes.length);
                System.arraycopy(bytes, 0, damaged, 0, at);
                damaged[at] = (byte) random.nextInt();
                System.arraycopy(bytes, at, damaged, at + 1, bytes.length - at);
            }
            case 3 -> {
                damaged = new byte[1 + random.nextInt(30)];
                random.nextBytes(damaged);
            }
            default -> {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                }
            }
        }
        return damaged;
    }

    /** Once an accumulator has its size, a record allocates nothing. */
    @Property(tries = 100)
    void nothingIsAllocatedForARecord(@ForAll("subjects") Subject<?> subject) throws Exception {
        allocate(subject);
    }

    private static <S> void allocate(Subject<S> subject) throws Exception {
        List<Sample> samples = Sample.some(new Random(7));
        S state = subject.create();
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread0 = Thread.currentThread().getId();
        long allocated = 0;
        for (int round = 0; round < 30; round++) {
            long before = thread.getThreadAllocatedBytes(thread0);
            for (int i = 0; i < samples.size(); i++) {
                subject.add(state, samples.get(i));
            }
            allocated = thread.getThreadAllocatedBytes(thread0) - before;
        }
        // Frequent copies its counters when they are full.
        double most = subject.strength == Strength.BOUNDED ? 40 : 0.1;
        assertThat((double) allocated / samples.size()).isLessThanOrEqualTo(most);
    }
}
