package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.RealReadings;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tutorial's job on real readings: any cut of the input into batches gives the same final rows. */
class RealReadingsIT {
    private static final int PARTITIONS = 8;

    @Test
    void oneBatchOfReadingsSpreadByDayGivesTheMeansOfTheDays() throws IOException {
        List<String> lines = RealReadings.lines();
        inBatches(lines, n -> Math.floorMod(lines.get(n).substring(13, 23).hashCode(), PARTITIONS), 1, new Random(0));
    }

    @Test
    void oneBatchOfReadingsSpreadRoundRobinGivesTheMeansOfTheDaysOfEachPartition() throws IOException {
        inBatches(RealReadings.lines(), n -> n % PARTITIONS, 1, new Random(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void batchesThatAreCutAtRandomPlacesGiveTheSameRows(long seed) throws IOException {
        Random random = new Random(seed);
        int batches = 2 + random.nextInt(19);
        System.out.println("seed " + seed + ": " + batches + " batches");
        List<String> lines = RealReadings.lines();
        IntUnaryOperator spread = seed % 2 == 0
                ? n -> n % PARTITIONS
                : n -> Math.floorMod(lines.get(n).substring(13, 23).hashCode(), PARTITIONS);
        inBatches(lines, spread, batches, random);
    }

    private static void inBatches(List<String> lines, IntUnaryOperator partition, int batches, Random random) {
        try (Rig rig = Rig.voltage(PARTITIONS)) {
            Map<Integer, List<String>> good = new TreeMap<>();
            long bad = 0;
            int[] cuts = random.ints(batches - 1L, 0, lines.size()).sorted().toArray();
            for (int batch = 0; batch < batches; batch++) {
                int from = batch == 0 ? 0 : cuts[batch - 1];
                int to = batch == batches - 1 ? lines.size() : cuts[batch];
                for (int n = from; n < to; n++) {
                    String line = lines.get(n);
                    rig.sendRaw(partition.applyAsInt(n), line.getBytes(StandardCharsets.UTF_8));
                    if (line.contains("\"?\"")) {
                        bad++;
                    } else {
                        good.computeIfAbsent(partition.applyAsInt(n), p -> new ArrayList<>())
                                .add(line);
                    }
                }
                rig.flush();
                rig.runAll();
            }

            Guarantees.rowsAreThoseOf(rig, good);
            Guarantees.noReaderSeesACountFall(rig);
            Guarantees.offsetsAreThoseOfTheState(rig);
            assertThat(rig.groupOffsets().values().stream()
                            .mapToLong(each -> each)
                            .sum())
                    .as("the offsets are the input's end")
                    .isEqualTo(lines.size());
            assertThat(CommittedRecords.read(rig.output() + ".dead-letter")).hasSize((int) bad);
        }
    }

    @Test
    void splitsOfOneRangeGiveTheRowsOfTheWhole() throws Exception {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 4000);
            StepwiseRun run = rig.newRun();
            run.plan();

            run.produce(
                    0,
                    run.aggregate(
                            0,
                            List.of(
                                    run.consume(0, 2, List.of(new PartitionRange(0, 2900, 4000))),
                                    run.consume(0, 0, List.of(new PartitionRange(0, 0, 1500))),
                                    run.consume(0, 1, List.of(new PartitionRange(0, 1500, 2900))))));

            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }
}
