package io.tidemark.story;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Looks into another JVM on this machine. */
final class JvmWatch implements AutoCloseable {
    private final JMXConnector connection;
    private final MemoryMXBean memory;
    private final UnixOperatingSystemMXBean system;

    private JvmWatch(JMXConnector connection) throws IOException {
        this.connection = connection;
        this.memory = ManagementFactory.newPlatformMXBeanProxy(
                connection.getMBeanServerConnection(), ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
        this.system = ManagementFactory.newPlatformMXBeanProxy(
                connection.getMBeanServerConnection(),
                ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME,
                UnixOperatingSystemMXBean.class);
    }

    /** Of the process of that number. */
    @SuppressWarnings("BanJNDI") // The address is that of a process of our own.
    static JvmWatch of(long pid) {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return new JvmWatch(
                        JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent())));
            } finally {
                machine.detach();
            }
        } catch (Exception e) {
            throw new AssertionError("cannot look into process " + pid, e);
        }
    }

    /** Bytes of the heap that are in use when everything that can be collected is. */
    long heapInUse() {
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Open file handles, sockets among them. */
    long openFiles() {
        return system.getOpenFileDescriptorCount();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
