package io.tidemark.run;

/**
 * A file that one activity left for the next, on the same host.
 *
 * @param name its path below the worker's staging folder
 * @param rows how many rows it has, without the header
 * @param checksum CRC-32C of its bytes, in hex
 */
public record StagedFile(String name, long rows, String checksum) {}
