package io.tidemark.cli;

import io.tidemark.cli.ValidateCommand.Permission;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Looks at the Kafka cluster, and at the permissions that jobs need there. */
final class KafkaDoctor {
    /** Nobody has this producer id, so the answer is short. */
    private static final Set<Long> NOBODY = Set.of(Long.MAX_VALUE);

    /** Operations without which runs work, and what they then do not do. */
    private static final Map<String, String> DISPENSABLE = Map.of(
            "DescribeConfigs", "runs work without it, but check and warn less",
            "Alter", "runs work without it until the input gets more partitions");

    /** Whoever may do one of these may also describe the resource. */
    private static final Set<String> BRINGS_DESCRIBE = Set.of("Read", "Write", "Alter", "Delete", "Describe");

    /** Asked for where no job is named; nobody uses it. */
    private static final String UNUSED_ID = "tidemark/doctor/plan";

    private final KafkaSettings settings;
    private final Admin admin;
    private final List<Finding> findings = new ArrayList<>();

    private KafkaDoctor(KafkaSettings settings, Admin admin) {
        this.settings = settings;
        this.admin = admin;
    }

    static List<Finding> look(KafkaSettings settings, List<JobSpec> jobs) {
        ClusterProbe.Answer answer = ClusterProbe.ask(settings);
        if (answer.finding() != ClusterProbe.Finding.REACHED) {
            return List.of(Finding.failed("Kafka", answer.sentence(), ""));
        }
        try (Admin admin = Topics.admin(settings)) {
            KafkaDoctor doctor = new KafkaDoctor(settings, admin);
            doctor.brokers();
            doctor.transactions(jobs.isEmpty() ? UNUSED_ID : JobNames.planTransactionalId(jobs.get(0)));
            jobs.forEach(doctor::permissions);
            return doctor.findings;
        }
    }

    private void brokers() {
        Set<Integer> tooOld = new TreeSet<>();
        Set<Integer> silent = new TreeSet<>();
        Map<Integer, KafkaFuture<Collection<TransactionListing>>> answers;
        try {
            answers = get(admin.listTransactions(new ListTransactionsOptions().filterProducerIds(NOBODY))
                    .byBrokerId());
        } catch (ExecutionException e) {
            findings.add(Finding.failed("Kafka", "the brokers cannot be listed: " + message(e), ""));
            return;
        }
        answers.forEach((broker, answer) -> {
            try {
                get(answer);
            } catch (ExecutionException e) {
                (e.getCause() instanceof UnsupportedVersionException ? tooOld : silent).add(broker);
            }
        });
        String reached = Texts.count(answers.size(), "broker") + " at " + settings.bootstrapServers() + " (from "
                + settings.source() + ")";
        if (!tooOld.isEmpty()) {
            findings.add(Finding.failed(
                    "Kafka",
                    reached + ", but the brokers " + tooOld + " are older than Kafka 3.0",
                    "upgrade them to Kafka 3.0 or later"));
        } else if (!silent.isEmpty()) {
            findings.add(Finding.warning(
                    "Kafka", reached + ", but the brokers " + silent + " do not answer", "look at their logs"));
        } else {
            findings.add(Finding.ok("Kafka", reached + ", all of them Kafka 3.0 or later"));
        }
    }

    /** A coordinator has to answer, whether or not it knows the id. */
    private void transactions(String id) {
        try {
            get(admin.describeTransactions(List.of(id)).description(id));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TransactionalIdNotFoundException)
                    && !(e.getCause() instanceof AuthorizationException)) {
                findings.add(Finding.failed(
                        "transactions",
                        "no coordinator answers: " + message(e),
                        "look at the topic __transaction_state: its replication factor must not exceed the number of"
                                + " brokers"));
                return;
            }
        }
        findings.add(Finding.ok("transactions", "a coordinator answers"));
    }

    private void permissions(JobSpec job) {
        Map<String, List<Permission>> byResource = new LinkedHashMap<>();
        for (Permission each : ValidateCommand.permissions(job)) {
            byResource
                    .computeIfAbsent(each.resource() + " " + each.name(), key -> new ArrayList<>())
                    .add(each);
        }
        byResource.values().forEach(each -> {
            switch (each.get(0).resource()) {
                case "topic" -> topic(job, each);
                case "group" -> group(job, each);
                default -> transactionalId(job, each.get(0));
            }
        });
    }

    private void topic(JobSpec job, List<Permission> needed) {
        String topic = needed.get(0).name();
        try {
            var described = get(
                    admin.describeTopics(List.of(topic), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                            .allTopicNames());
            TopicDescription found = Objects.requireNonNull(described.get(topic));
            granted(job, needed, Set.of("Create"), found.authorizedOperations());
        } catch (ExecutionException e) {
            boolean isInput = topic.equals(job.input().topic());
            if (e.getCause() instanceof UnknownTopicOrPartitionException && isInput) {
                findings.add(Finding.failed(
                        job.name(),
                        "there is no input topic " + topic + " at " + settings.bootstrapServers()
                                + ", or this user may not see it",
                        "check input.topic, and grant Describe"));
            } else if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                findings.add(Finding.ok(
                        job.name(), "topic " + topic + " does not exist yet; the first run needs Create for it"));
            } else {
                refused(job, needed.get(0), e);
            }
        }
    }

    private void group(JobSpec job, List<Permission> needed) {
        String group = needed.get(0).name();
        try {
            var described = admin.describeConsumerGroups(
                            List.of(group), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                    .describedGroups();
            ConsumerGroupDescription found = get(Objects.requireNonNull(described.get(group)));
            granted(job, needed, Set.of(), found.authorizedOperations());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                findings.add(Finding.ok(
                        job.name(),
                        "group " + group + " does not exist yet; the first run needs "
                                + needed.get(0).operations() + " for it"));
            } else {
                refused(job, needed.get(0), e);
            }
        }
    }

    private void transactionalId(JobSpec job, Permission needed) {
        String id = JobNames.planTransactionalId(job);
        try {
            get(admin.describeTransactions(List.of(id)).description(id));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
                refused(job, needed, e);
                return;
            }
        }
        // Brokers do not tell more about transactional ids. Write comes with Describe, but not the reverse.
        findings.add(Finding.ok(job.name(), "transactional ids " + needed.name() + ": Describe"));
    }

    /**
     * Reports that the resource cannot be described. Describe comes with most operations, so these are not permitted either.
     * Whether the others are is unknown, but the advice names them too.
     */
    private void refused(JobSpec job, Permission needed, ExecutionException e) {
        List<String> operations = List.of(needed.operations().split(", "));
        String missing = operations.stream().filter(BRINGS_DESCRIBE::contains).collect(Collectors.joining(" and "));
        findings.add(
                e.getCause() instanceof AuthorizationException
                        ? Finding.failed(
                                job.name(),
                                resource(needed) + ": " + missing + " is not permitted",
                                grant(needed, operations))
                        : Finding.failed(job.name(), resource(needed) + ": " + message(e), ""));
    }

    /**
     * Compares needed operations with those that the brokers permit.
     *
     * @param done operations that are not needed any more, because the resource exists
     */
    private void granted(
            JobSpec job, List<Permission> needed, Set<String> done, @Nullable Set<AclOperation> permitted) {
        Set<String> has = new TreeSet<>();
        for (Permission each : needed) {
            List<String> missing = new ArrayList<>();
            for (String operation : each.operations().split(", ")) {
                if (!done.contains(operation) && permitted != null) {
                    (permitted.contains(operation(operation)) ? has : missing).add(operation);
                }
            }
            if (permitted == null || permitted.isEmpty()) {
                findings.add(Finding.warning(
                        job.name(), resource(each) + ": the brokers do not say what is permitted", "upgrade them"));
                return;
            } else if (!missing.isEmpty()) {
                String text = resource(each) + ": " + String.join(" and ", missing) + " is not permitted";
                boolean works = each.optional() || DISPENSABLE.keySet().containsAll(missing);
                String why = each.optional()
                        ? each.why()
                        : missing.stream()
                                .map(operation -> DISPENSABLE.getOrDefault(operation, ""))
                                .collect(Collectors.joining("; "));
                findings.add(
                        works
                                ? Finding.warning(job.name(), text + " (" + why + ")", grant(each, missing))
                                : Finding.failed(job.name(), text, grant(each, missing)));
            }
        }
        if (!has.isEmpty()) {
            findings.add(Finding.ok(job.name(), resource(needed.get(0)) + ": " + String.join(", ", has)));
        }
    }

    private static String resource(Permission permission) {
        return permission.resource() + " " + permission.name();
    }

    /** {@code DESCRIBE_CONFIGS} for {@code DescribeConfigs}. */
    private static AclOperation operation(String name) {
        return AclOperation.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    private static String grant(Permission permission, List<String> operations) {
        return "grant it: kafka-acls.sh --add --allow-principal User:… "
                + operations.stream().map(each -> "--operation " + each).collect(Collectors.joining(" ")) + " --"
                + permission.resource().replace("transactional id", "transactional-id") + " "
                + permission.name().replace(" (prefix)", " --resource-pattern-type prefixed");
    }

    private static String message(ExecutionException e) {
        return String.valueOf(
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    }

    private static <V> V get(KafkaFuture<V> future) throws ExecutionException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw CliException.interrupted("interrupted");
        }
    }
}
