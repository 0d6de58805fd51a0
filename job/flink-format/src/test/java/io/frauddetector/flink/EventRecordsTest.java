package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** Records as a whole: their bytes, their fields, what is missing and what is too much. */
class EventRecordsTest {

    private final Reading stream =
            Reading.withTime("id STRING", "n INT").column("note STRING").column("flag BOOLEAN");

    private static byte[] bytes(String before, String hex, String after) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(HexFormat.of().parseHex(hex));
        all.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"a\",\"n\":1,\"at\":5}",
                " \t\r\n{ \"at\" : 5 , \"n\" : 1\n,\t\"id\" :\"a\" } \n",
                "{\"id\":\"a\",\"n\":1,\"at\":5,\"more\":{\"n\":[2,{\"id\":null}]},\"most\":[[]],\"x\":1e999}",
                "{\"\":0,\"id\":\"a\",\"n\":1,\"N\":true,\"at\":5,\"\u00e4\":\"\u00e4\"}",
                "{\"\\u0069d\":\"\\u0061\",\"n\":1,\"a\\u0074\":5}",
                "{\"id\":\"a\",\"n\":1,\"at\":5,\"note\":null,\"flag\":null}"
            })
    void readsTheSameEventHoweverItIsWritten(String record) {
        Reading.Read read = stream.read(record).accepted();
        assertEquals("a", read.value("id").toString());
        assertEquals(1, read.value("n"));
        assertEquals(5L, read.time());
        assertNull(read.value("note"));
        assertNull(read.value("flag"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\n",
                "x",
                "null",
                "true",
                "12",
                "\"{}\"",
                "[]",
                "[{\"id\":\"a\",\"n\":1,\"at\":5}]",
                "{",
                "{\"id\":\"a\",\"n\":1,\"at\":5",
                "{\"id\":\"a\",\"n\":1,\"at\":5}}",
                "{\"id\":\"a\",\"n\":1,\"at\":5} {}",
                "{\"id\":\"a\",\"n\":1,\"at\":5},",
                "{\"id\":\"a\",\"n\":1,\"at\":5,}",
                "{\"id\":\"a\" \"n\":1,\"at\":5}",
                "{'id':'a','n':1,'at':5}",
                "{id:\"a\",n:1,at:5}",
                "{\"id\":\"a\",\"n\":1,\"at\":5 // ok\n}",
                "{\"id\":\"a\",,\"n\":1,\"at\":5}",
                "{\"id\" \"a\",\"n\":1,\"at\":5}",
                "{\"id\":\"a\",\"n\":1,\"at\":5}\u0000",
                "{\"x\":tru,\"id\":\"a\",\"n\":1,\"at\":5}",
                "{\"x\":[1,2,\"id\":\"a\",\"n\":1,\"at\":5}",
                "{\"x\":01,\"id\":\"a\",\"n\":1,\"at\":5}",
                "{\"x\":NaN,\"id\":\"a\",\"n\":1,\"at\":5}"
            })
    void whatIsNotOneObjectIsRefused(String record) {
        String refusal = stream.read(record).refusal();
        assertTrue(refusal.startsWith("not ") || refusal.startsWith("something follows"), refusal);
        assertEquals(1, refusal.lines().count());
    }

    @Test
    void tombstonesAreRefused() {
        assertEquals("no value", stream.read((byte[]) null).refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "n", "at"})
    void requiredColumnsMustBeThere(String missing) {
        String record = "{\"id\":\"a\",\"n\":1,\"at\":5}";
        String expected = "field '" + missing + "' is missing or null";
        String without = record.replaceFirst("\"" + missing + "\":[^,}]*,?", "").replace(",}", "}");
        assertEquals(expected, stream.read(without).refusal());
        String withNull =
                record.replaceFirst("\"" + missing + "\":[^,}]*", "\"" + missing + "\":null");
        assertEquals(expected, stream.read(withNull).refusal());
        assertEquals("field 'id' is missing or null", stream.read("{}").refusal());
    }

    @Test
    void optionalColumnsAreReadAsStrictly() {
        assertEquals(
                "b",
                stream.read("{\"id\":\"a\",\"n\":1,\"at\":5,\"note\":\"b\"}")
                        .accepted()
                        .value("note")
                        .toString());
        assertEquals(
                "field 'flag': expected true or false, found a string",
                stream.read("{\"id\":\"a\",\"n\":1,\"at\":5,\"flag\":\"maybe\"}").refusal());
    }

    @Test
    void fieldsThatComeTwiceAreRefused() {
        assertEquals(
                "field 'n' comes twice",
                stream.read("{\"id\":\"a\",\"n\":1,\"at\":5,\"n\":2}").refusal());
        assertEquals(
                "field 'at' comes twice",
                stream.read("{\"id\":\"a\",\"n\":1,\"at\":5,\"\\u0061t\":5}").refusal());
        // of fields that nobody declared any number may come
        stream.read("{\"id\":\"a\",\"n\":1,\"at\":5,\"x\":1,\"x\":2}").accepted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTF-16BE",
                "UTF-16LE",
                "UTF-16",
                "UTF-32BE",
                "UTF-32LE",
                "X-UTF-16LE-BOM",
                "X-UTF-32BE-BOM"
            })
    void otherEncodingsAreRefused(String charset) {
        byte[] record = "{\"id\":\"a\",\"n\":1,\"at\":5}".getBytes(Charset.forName(charset));
        assertEquals("not JSON in UTF-8", stream.read(record).refusal());
    }

    @Test
    void aByteOrderMarkOfUtf8IsIgnored() {
        stream.read(bytes("", "efbbbf", "{\"id\":\"a\",\"n\":1,\"at\":5}")).accepted();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff",
                "fe",
                "80",
                "c3",
                "c328",
                "e282",
                "e28228",
                "f09f98",
                "f0288cbc", // cut off or out of place
                "c080",
                "c1bf",
                "e08080",
                "f0808080", // longer than needed
                "eda080",
                "edb080",
                "eda0bdedb880", // halves of pairs
                "f4908080",
                "f7bfbfbf",
                "f888808080" // beyond the last character
            })
    void brokenUtf8IsRefusedWhereverItStands(String hex) {
        byte[] inUsed = bytes("{\"id\":\"a", hex, "b\",\"n\":1,\"at\":5}");
        byte[] inUnused = bytes("{\"id\":\"a\",\"n\":1,\"at\":5,\"x\":\"a", hex, "b\"}");
        byte[] deeper = bytes("{\"id\":\"a\",\"n\":1,\"at\":5,\"x\":[{\"y\":\"", hex, "\"}]}");
        byte[] inName = bytes("{\"id\":\"a\",\"n\":1,\"at\":5,\"x", hex, "\":1}");
        byte[] behind = bytes("{\"id\":\"a\",\"n\":1,\"at\":5}", hex, "");
        for (byte[] record : new byte[][] {inUsed, inUnused, deeper, inName, behind}) {
            byte[] before = record.clone();
            String refusal = stream.read(record).refusal();
            assertTrue(refusal.startsWith("not JSON"), refusal);
            assertArrayEquals(before, record);
        }
    }

    @Test
    void goodUtf8IsAccepted() {
        for (String text :
                new String[] {
                    "\u0080",
                    "\u07ff",
                    "\u0800",
                    "\ud7ff",
                    "\ue000",
                    "\uffff",
                    "\ud800\udc00",
                    "\udbff\udfff"
                }) {
            Reading.Read read =
                    stream.read(
                            "{\"id\":\""
                                    + text
                                    + "\",\"n\":1,\"at\":5,\""
                                    + text
                                    + "\":\""
                                    + text
                                    + "\"}");
            assertEquals(text, read.accepted().value("id").toString());
        }
    }

    @Test
    void recordsThatAreTooLargeAreRefusedUnread() {
        Reading small = Reading.withTime("id STRING").maxBytes(200);
        String record = "{\"id\":\"a\",\"at\":5,\"x\":\"" + "x".repeat(176) + "\"}";
        assertEquals(200, record.length());
        small.read(record).accepted();
        assertEquals("record of 201 bytes, more than 200", small.read(record + " ").refusal());
        assertEquals(
                "record of 5000000 bytes, more than 200",
                small.read(new byte[5_000_000]).refusal());
    }

    @Test
    void whatNobodyDeclaredMayBeDeepAndLong() {
        String good = "{\"id\":\"a\",\"n\":1,\"at\":5,\"x\":";
        for (int size : new int[] {500, 1_001, 50_000}) {
            stream.read(good + "[".repeat(size) + "]".repeat(size) + "}").accepted();
            stream.read(good + "{\"x\":".repeat(size) + "1" + "}".repeat(size) + "}").accepted();
            stream.read(good + "1".repeat(size) + "}").accepted();
            stream.read(good + "-0." + "1".repeat(size) + "e" + "1".repeat(size) + "}").accepted();
            stream.read(good + "[" + "1".repeat(size) + "]}").accepted();
            stream.read(good + "0,\"" + "y".repeat(size) + "\":1}").accepted();
        }
        assertEquals(
                "objects and arrays within each other, more than 100000 deep",
                stream.read(good + "[".repeat(200_000) + "]".repeat(200_000) + "}").refusal());
        assertEquals(
                "objects and arrays within each other, more than 100000 deep",
                stream.read(good + "{\"x\":".repeat(150_000)).refusal());
    }

    @Test
    void refusalsAreInOurOwnWords() {
        assertEquals("not JSON: it ends too early", stream.read("{\"id\":\"a").refusal());
        for (String wrong : new String[] {"{\"id\":x}", "good morning", "{'id':1}", "{\"id\":+1}", "{,}"}) {
            String refusal = stream.read(wrong).refusal();
            assertTrue(refusal.matches("not JSON: wrong near byte [0-9]+"), refusal);
        }
        assertEquals("not a JSON object", stream.read("12").refusal());
    }

    @Test
    void namesThatAreNeverTheSameDoNoHarm() {
        for (int i = 0; i < 100_000; i++) {
            stream.read("{\"é" + i + "\":" + i + ",\"id\":\"a\",\"n\":1,\"at\":5}").accepted();
        }
    }

    @Test
    void numbersOfThousandsOfDigitsDoNoHarm() {
        String digits = "1".repeat(100_000);
        for (String record :
                new String[] {
                    "{\"id\":\"a\",\"n\":-" + digits + ",\"at\":5}",
                    "{\"id\":\"a\",\"n\":" + digits + ",\"at\":5}",
                    "{\"id\":\"a\",\"n\":1,\"at\":" + digits + "}",
                    "{\"id\":\"a\",\"n\":0." + digits + ",\"at\":5}"
                }) {
            stream.read(record).refusal();
        }
    }

    @Test
    void fieldsMayComeInAnyOrderAndNumberFromRecordToRecord() {
        for (int i = 0; i < 200; i++) {
            StringBuilder record = new StringBuilder("{");
            for (int k = 0; k < i; k++) {
                record.append("\"x").append(k).append("\":").append(k).append(',');
            }
            record.append(
                    i % 2 == 0
                            ? "\"n\":1,\"id\":\"a\",\"at\":5}"
                            : "\"at\":5,\"id\":\"a\",\"n\":1}");
            assertEquals(5L, stream.read(record.toString()).accepted().time());
        }
    }

    @Test
    void worksAfterItsJourneyToAWorker() throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        new ObjectOutputStream(written).writeObject(stream.schema());
        Object copy =
                new ObjectInputStream(new ByteArrayInputStream(written.toByteArray())).readObject();
        EventDeserializationSchema there = (EventDeserializationSchema) copy;
        there.open(null);
        for (String record :
                new String[] {
                    "{\"id\":\"a\",\"n\":1,\"at\":5}", "{\"id\":\"\\u0061\",\"n\":1,\"at\":5}"
                }) {
            byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
            GenericRowData row = (GenericRowData) there.deserialize(bytes);
            assertEquals("a", row.getField(0).toString());
            assertEquals(1, row.getField(1));
        }
    }

    @Test
    void metadataThatNobodyAsksForIsLeftOut() {
        EventOptions options =
                new EventOptions(
                        "at",
                        EventTimeFormat.EPOCH_MILLIS,
                        ZoneOffset.UTC,
                        0,
                        Set.of(),
                        1000,
                        ColumnOptions.PLAIN);
        RowType row = RowType.of(new LogicalType[] {new BigIntType()}, new String[] {"at"});
        EventDeserializationSchema bare =
                new EventDeserializationSchema(row, new int[] {-1, -1, -1}, 0, null, options);
        bare.open(null);
        assertEquals(
                GenericRowData.of(5L),
                bare.deserialize("{\"at\":5}".getBytes(StandardCharsets.UTF_8)));
        assertEquals(GenericRowData.of((Object) null), bare.deserialize(new byte[0]));
        EventDeserializationSchema one =
                new EventDeserializationSchema(row, new int[] {-1, 0, -1}, 1, null, options);
        one.open(null);
        GenericRowData refused = (GenericRowData) one.deserialize(new byte[0]);
        assertEquals(
                Arrays.asList(2, "not a JSON object"),
                Arrays.asList(refused.getArity(), refused.getField(1).toString()));
    }

    @Test
    void aStreamWithoutItsTimeColumnIsAMistake() {
        assertThrows(IllegalArgumentException.class, () -> Reading.of("id STRING").schema());
    }
}
