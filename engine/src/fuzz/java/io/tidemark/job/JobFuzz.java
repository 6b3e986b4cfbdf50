package io.tidemark.job;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.InvalidJobException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Jobs with anything in any field: read and written again they are the same, or refused with the field's name. */
public final class JobFuzz {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOB = """
            {"name": "bills-by-vendor",
             "input": {"topic": "bills", "dataLoss": "continue",
                       "timestamp": {"field": "issued", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "Europe/Berlin"}},
             "where": "status == 'paid' && (has(vendor) || amount in [1, 2]) && !note.matches('^x+$')",
             "window": {"every": "day", "zone": "Europe/Berlin"},
             "groupBy": ["vendor", "site.country"],
             "aggregate": {"amount": {"sum": "lines[0].amount"}, "bills": "count"},
             "output": {"topic": "bills-by-vendor", "key": "{date}/{vendor}/{site.country}", "grow": false},
             "start": "earliest", "overlap": "refuse", "partitionsPerSlice": 1,
             "badRecords": {"policy": "deadLetter", "limit": 10000},
             "limits": {"offsetsPerPiece": 50000000, "time": "60m", "heartbeat": "15s"},
             "budget": {"records": 200000000, "time": "50m"}}
            """;

    private JobFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(FuzzedDataProvider input) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(JOB);
        while (input.remainingBytes() > 0) {
            change(json, input);
        }
        JobSpec job;
        try {
            job = JobCodec.read(json);
        } catch (InvalidJobException e) {
            return;
        }
        JobSpec again = JobCodec.read(JobCodec.write(job));
        if (!again.equals(job)) {
            throw new AssertionError(job + " was written and read as " + again);
        }
    }

    /** Another value, or none, for a field somewhere. */
    private static void change(ObjectNode json, FuzzedDataProvider input) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(json, objects);
        ObjectNode object = input.pickValue(objects);
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = names.isEmpty() || input.consumeInt(0, 3) == 0
                ? input.consumeString(12)
                : input.pickValue(names);
        JsonNodeFactory make = JsonNodeFactory.instance;
        switch (input.consumeInt(0, 7)) {
            case 0 -> object.remove(name);
            case 1 -> object.put(name, input.consumeLong());
            case 2 -> object.put(name, input.consumeDouble());
            case 3 -> object.put(name, input.consumeBoolean());
            case 4 -> object.set(name, make.objectNode().put(input.consumeString(12), input.consumeString(12)));
            case 5 -> object.set(name, make.arrayNode().add(input.consumeString(12)));
            default -> object.put(name, input.consumeString(30));
        }
    }

    private static void collect(JsonNode json, List<ObjectNode> into) {
        if (json instanceof ObjectNode object) {
            into.add(object);
        }
        if (json instanceof ObjectNode || json instanceof ArrayNode) {
            json.forEach(each -> collect(each, into));
        }
    }
}
