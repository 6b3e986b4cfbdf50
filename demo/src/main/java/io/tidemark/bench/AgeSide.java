package io.tidemark.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.bench.AgeWorker.Answer;
import io.tidemark.bench.Result.Note;
import io.tidemark.bench.Result.Series;
import io.tidemark.settings.KafkaSettings;
import java.util.ArrayList;
import java.util.List;

/** One of the two jobs of {@link AgeGrowth}, and its process. */
final class AgeSide implements AutoCloseable {
    private final String name;
    private final ChildJvm worker;
    private final TopicTail state;
    private final TopicTail rows;
    private final List<Double> wall = new ArrayList<>();
    private final List<Double> cpu = new ArrayList<>();
    private long late;
    private long heap;

    AgeSide(String name, String topic, boolean closing, KafkaSettings kafka, String heap) {
        this.name = name;
        ObjectNode job = AgeReadings.job(name, topic, closing);
        worker = ChildJvm.start(AgeWorker.class, heap, kafka.bootstrapServers(), job.toString());
        state = new TopicTail(kafka.consumer(), "tidemark." + name + ".state");
        rows = new TopicTail(kafka.consumer(), Workload.outputTopic(name));
    }

    Answer ask(String kind, int batch, long end) {
        tell(kind, batch, end);
        return answer();
    }

    /** Begins a batch. {@link #answer} waits for its end. */
    void tell(String kind, int batch, long end) {
        worker.tell(kind + " " + AgeReadings.nominal(batch).toEpochMilli() + " " + end);
    }

    Answer answer() {
        Answer answer = Answer.parse(worker.read());
        late += answer.late();
        heap = Math.max(heap, answer.heap());
        return answer;
    }

    void time(Answer answer) {
        wall.add(answer.seconds());
        cpu.add(answer.cpuSeconds());
    }

    Series series() {
        Series series = new Series(name, new Figures(wall), new Figures(cpu), worker.memoryPeak());
        wall.clear();
        cpu.clear();
        return series;
    }

    @Override
    public void close() {
        rows.close();
        state.close();
        worker.close();
    }

    TopicTail state() {
        return state;
    }

    TopicTail rows() {
        return rows;
    }

    /** Returns the number of late readings of all batches. */
    long late() {
        return late;
    }

    /** Returns what the state needs, and the most heap since the last call. */
    List<Note> notes() {
        state.measure();
        List<Note> notes = List.of(
                new Note("progress record, " + name, state.bytes("progress"), "bytes"),
                new Note("state after compaction, " + name, state.liveBytes(), "bytes"),
                new Note("heap in a transaction, " + name, heap, "bytes"));
        heap = 0;
        return notes;
    }
}
