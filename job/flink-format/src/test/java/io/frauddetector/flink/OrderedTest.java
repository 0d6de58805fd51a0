package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is remembered of a key between its rows, which come in order. */
class OrderedTest {

    private static final long MEMORY = 100;

    private final OnEdge.Known known = new OnEdge.Known();

    @Test
    void tellsAtMostOnceInAnyPeriod() {
        FirstOnly.Told told = new FirstOnly.Told();
        assertTrue(told.tells(5, 10));
        assertFalse(told.tells(5, 10));
        assertFalse(told.tells(14, 10));
        assertTrue(told.tells(15, 10));
        assertFalse(told.tells(24, 10));
    }

    @Test
    void turnsOnceUntilItIsReset() {
        assertTrue(known.turns(1, true, false, MEMORY));
        assertFalse(known.turns(2, true, false, MEMORY));
        assertFalse(known.turns(3, false, false, MEMORY));
        assertFalse(known.turns(4, true, false, MEMORY));
        assertFalse(known.turns(5, false, true, MEMORY));
        assertTrue(known.turns(6, true, false, MEMORY));
    }

    @Test
    void takesAnInstantAsOneStep() {
        assertFalse(known.turns(1, false, true, MEMORY));
        assertTrue(known.turns(1, true, false, MEMORY));
        assertFalse(known.turns(1, false, true, MEMORY));
        assertFalse(known.turns(1, true, false, MEMORY));
        // an instant at which the condition held resets nothing
        assertFalse(known.turns(2, true, false, MEMORY));
        assertFalse(known.turns(3, false, true, MEMORY));
        assertFalse(known.turns(3, false, false, MEMORY));
        assertTrue(known.turns(4, true, false, MEMORY));
    }

    @Test
    void forgetsAfterItsMemory() {
        assertTrue(known.turns(0, true, false, MEMORY));
        assertFalse(known.turns(100, true, false, MEMORY));
        assertTrue(known.turns(201, true, false, MEMORY));
    }

    @Test
    void learnsWhileAKeyIsNew() {
        FirstSeen.Key key = new FirstSeen.Key();
        assertTrue(key.learns(0, MEMORY, 50));
        assertTrue(key.learns(49, MEMORY, 50));
        assertFalse(key.learns(50, MEMORY, 50));
        assertFalse(key.learns(150, MEMORY, 50));
        assertTrue(key.learns(251, MEMORY, 50));
    }

    @Test
    void neverLearnsWithoutAWarmUp() {
        assertFalse(new FirstSeen.Key().learns(0, MEMORY, 0));
    }

    @Test
    void remembersAKeySinceItsFirstEvent() {
        Since.Life life = new Since.Life();
        assertEquals(5, life.since(5, MEMORY));
        assertEquals(5, life.since(105, MEMORY));
        assertEquals(206, life.since(206, MEMORY));
    }
}
