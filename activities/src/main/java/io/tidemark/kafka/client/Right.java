package io.tidemark.kafka.client;

import org.apache.kafka.common.acl.AclOperation;

/** An operation of Kafka's ACLs that a job needs. */
public enum Right {
    /** Implied by every other right except {@link #CREATE}. */
    DESCRIBE("Describe", AclOperation.DESCRIBE),
    READ("Read", AclOperation.READ),
    WRITE("Write", AclOperation.WRITE),
    CREATE("Create", AclOperation.CREATE),
    DELETE("Delete", AclOperation.DELETE),
    ALTER("Alter", AclOperation.ALTER);

    private final String operation;
    private final AclOperation acl;

    Right(String operation, AclOperation acl) {
        this.operation = operation;
        this.acl = acl;
    }

    /** Returns the operation's name in kafka-acls.sh. */
    String operation() {
        return operation;
    }

    public AclOperation acl() {
        return acl;
    }
}
