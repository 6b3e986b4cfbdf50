package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a call needs: operations of Kafka's ACLs on one resource. Kafka's own errors name the resource at best, never the
 * operation, and never how to allow it.
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

    /** For one of the job's transactional ids, such as {@code tidemark/voltage-daily/plan}: all that begin so. */
    public static Access transactionalId(String id, Right... rights) {
        String prefix = id.substring(0, id.indexOf('/', id.indexOf('/') + 1) + 1);
        return new Access(
                "transactional ids " + prefix + "…",
                "--transactional-id " + prefix + " --resource-pattern-type prefixed",
                rights);
    }

    /** The same rights on what an error of Kafka names. */
    Access onTopic(String topic) {
        return topic(topic, rights.toArray(new Right[0]));
    }

    /** The same rights on what an error of Kafka names. */
    Access onGroup(String group) {
        return group(group, rights.toArray(new Right[0]));
    }

    /** What is missing, and what to do. */
    String sentence() {
        return "the worker's user lacks "
                + rights.stream().map(Right::operation).collect(Collectors.joining(" and ")) + " on " + resource
                + "; who administers the cluster can give it: kafka-acls.sh --add --allow-principal User:… "
                + rights.stream().map(each -> "--operation " + each.operation()).collect(Collectors.joining(" "))
                + " " + flag + ". ./tidemark validate lists all that a job needs";
    }

    public TidemarkException missing() {
        return new TidemarkException(FailureKind.NOT_AUTHORIZED, sentence());
    }
}
