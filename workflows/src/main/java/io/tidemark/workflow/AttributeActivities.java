package io.tidemark.workflow;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/** What a run asks the Temporal server, in a local activity. */
@ActivityInterface
public interface AttributeActivities {
    /**
     * Returns which of the search attributes of {@link RunAttributes} the namespace has. If the server does not answer,
     * none.
     *
     * @param fresh whether to ask the server in any case; otherwise the answer may be a minute old
     */
    @ActivityMethod(name = "searchAttributes")
    List<String> searchAttributes(boolean fresh);
}
