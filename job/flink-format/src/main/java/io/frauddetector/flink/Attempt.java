package io.frauddetector.flink;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * {@code attempt(owner, written, event, call, type, argument, ...)}: the value of a call that may fail, NULL where it does.
 *
 * <p>{@code call} is SQL over the arguments, which go by {@code a0}, {@code a1} and so on; {@code written} is what the
 * analyst wrote, for people. Of {@code type} only its type counts, which is the result's: the planner can't know it
 * from a text. Flink compiles the call as it would have compiled it in its place.
 */
public final class Attempt extends Guard implements SpecializedFunction {

    private static final int CALL = 3;
    private static final int TYPE = 4;
    private static final int VALUES = 5;

    private final ExpressionEvaluator call;
    private final int arguments;
    private transient MethodHandle handle;

    /** What the catalog knows; the planner asks it for one that works. */
    public Attempt() {
        this(null, 0);
    }

    private Attempt(ExpressionEvaluator call, int arguments) {
        this.call = call;
        this.arguments = arguments;
    }

    @Override
    public UserDefinedFunction specialize(SpecializedContext context) {
        CallContext given = context.getCallContext();
        String call = given.getArgumentValue(CALL, String.class).orElseThrow();
        List<DataType> types = given.getArgumentDataTypes();
        DataTypes.Field[] fields =
                IntStream.range(VALUES, types.size())
                        .mapToObj(i -> DataTypes.FIELD("a" + (i - VALUES), DataTypeUtils.toInternalDataType(types.get(i))))
                        .toArray(DataTypes.Field[]::new);
        return new Attempt(context.createEvaluator(call, result(given), fields), fields.length);
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(new AnyArguments(VALUES))
                .outputTypeStrategy(given -> Optional.of(result(given)))
                .build();
    }

    /** Texts leave generated code as Java's own, all else as Flink keeps it. */
    private static DataType result(CallContext given) {
        DataType type = given.getArgumentDataTypes().get(TYPE).nullable();
        boolean isText = type.getLogicalType().is(LogicalTypeFamily.CHARACTER_STRING);
        return isText ? type.bridgedTo(String.class) : DataTypeUtils.toInternalDataType(type);
    }

    @Override
    void begin(FunctionContext context) {
        MethodType values = MethodType.methodType(Object.class, Object[].class);
        handle = call.open(context).asSpreader(Object[].class, arguments).asType(values);
    }

    /** The value of the call. */
    public Object eval(Object... given) {
        Object[] values = Arrays.copyOfRange(given, VALUES, VALUES + arguments);
        try {
            return (Object) handle.invokeExact(values);
        } catch (Exception | StackOverflowError | OutOfMemoryError failure) {
            // a regular expression may go as deep as a text is long, a text may become longer than memory is large
            unknowns.tell(given[0], given[1], given[2], "no result", values);
            return null;
        } catch (Error error) {
            throw error;
        } catch (Throwable other) {
            throw new IllegalStateException(other);
        }
    }

    @Override
    void end() {
        call.close();
    }
}
