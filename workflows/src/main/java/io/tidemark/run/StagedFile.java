package io.tidemark.run;

/**
 * A file that an activity wrote for the next one on the same host.
 *
 * @param name path below the staging folder of the worker
 * @param rows number of rows, without the header
 * @param checksum CRC-32C of its bytes, in hex
 */
public record StagedFile(String name, long rows, String checksum) {}
