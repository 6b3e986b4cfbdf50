package io.tidemark.cli;

import io.temporal.client.WorkflowClient;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.settings.KafkaSettings;
import java.io.PrintWriter;
import java.util.Map;

/**
 * Uses what commands use, without servers, which loads the classes. {@code ./tidemark} has the JVM archive these classes,
 * which shortens the start of each command.
 */
final class ClassList {
    /** An address at which no server listens. */
    private static final String NOWHERE = "127.0.0.1:1";

    private ClassList() {}

    /** Takes one argument, a job file. */
    public static void main(String[] args) {
        load(args[0]);
        // Threads of clients would keep the process alive.
        System.exit(0);
    }

    static void load(String job) {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        for (String command : new String[] {"validate " + job, "validate " + job + " --json", "--help"}) {
            Main.run(nowhere, nowhere, command.split(" "));
        }
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(NOWHERE).build());
        try {
            WorkflowClient.newInstance(service);
            ScheduleClient.newInstance(service);
        } finally {
            service.shutdownNow();
        }
        KafkaSettings kafka = KafkaSettings.of(Map.of("bootstrap.servers", NOWHERE));
        Topics.admin(kafka).close();
        OutputReader.committed(kafka).close();
    }
}
