package io.tidemark.kafka.client;

import org.apache.kafka.common.acl.AclOperation;

/** What a user may do with a resource of Kafka. */
public enum Right {
    /** Comes with every other right but to create. */
    DESCRIBE("Describe", AclOperation.DESCRIBE),
    READ("Read", AclOperation.READ),
    WRITE("Write", AclOperation.WRITE),
    CREATE("Create", AclOperation.CREATE),
    ALTER("Alter", AclOperation.ALTER);

    private final String operation;
    private final AclOperation acl;

    Right(String operation, AclOperation acl) {
        this.operation = operation;
        this.acl = acl;
    }

    /** Its name in kafka-acls.sh. */
    String operation() {
        return operation;
    }

    public AclOperation acl() {
        return acl;
    }
}
