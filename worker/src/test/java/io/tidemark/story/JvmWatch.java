package io.tidemark.story;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Reads the memory and the open files of another JVM on this machine. */
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

    /** Connects to the process with this id. */
    @SuppressWarnings("BanJNDI") // The address belongs to a process that the test started.
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
            throw new AssertionError("cannot connect to process " + pid, e);
        }
    }

    /** Returns the bytes of heap in use after a collection. */
    long heapInUse() {
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Returns the number of open file handles, including sockets. */
    long openFiles() {
        return system.getOpenFileDescriptorCount();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
