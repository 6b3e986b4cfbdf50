package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * ACL operations that a call needs on one resource. Kafka's own errors name at most the resource, never the operation
 * and never the command that grants it.
 */
public final class Access {
    private final String resource;
    private final String flag;
    private final List<Right> rights;

    private Access(String resource, String flag, Right... rights) {
        this.resource = resource;
        this.flag = flag;
        this.rights = List.of(rights);
    }

    public static Access topic(String topic, Right... rights) {
        return new Access("topic " + topic, "--topic " + topic, rights);
    }

    public static Access group(String group, Right... rights) {
        return new Access("group " + group, "--group " + group, rights);
    }

    /**
     * Returns the rights on all transactional ids of a job: the ids that share the prefix of {@code id}, such as {@code
     * tidemark/voltage-daily/} of {@code tidemark/voltage-daily/plan}.
     */
    public static Access transactionalId(String id, Right... rights) {
        String prefix = id.substring(0, id.indexOf('/', id.indexOf('/') + 1) + 1);
        return new Access(
                "transactional ids " + prefix + "…",
                "--transactional-id " + prefix + " --resource-pattern-type prefixed",
                rights);
    }

    /** Returns the same rights on the resource that Kafka's error names. */
    Access onTopic(String topic) {
        return topic(topic, rights.toArray(new Right[0]));
    }

    /** Returns the same rights on the resource that Kafka's error names. */
    Access onGroup(String group) {
        return group(group, rights.toArray(new Right[0]));
    }

    /** Returns the missing rights, and the command that grants them. */
    String sentence() {
        return "the worker's user lacks "
                + rights.stream().map(Right::operation).collect(Collectors.joining(" and ")) + " on " + resource
                + "; an administrator of the cluster can grant it: kafka-acls.sh --add --allow-principal User:… "
                + rights.stream().map(each -> "--operation " + each.operation()).collect(Collectors.joining(" "))
                + " " + flag + ". ./tidemark validate JOB lists all rights that a job needs";
    }

    /** Returns the failure NOT_AUTHORIZED for these rights. */
    public TidemarkException missing() {
        return new TidemarkException(FailureKind.NOT_AUTHORIZED, sentence());
    }
}
