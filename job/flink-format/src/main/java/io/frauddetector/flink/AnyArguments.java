package io.frauddetector.flink;

import java.util.List;
import java.util.Optional;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentCount;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.ConstantArgumentCount;
import org.apache.flink.table.types.inference.InputTypeStrategy;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** Arguments of any type, handed over as Flink itself keeps them. */
record AnyArguments(int least) implements InputTypeStrategy {

    @Override
    public ArgumentCount getArgumentCount() {
        return ConstantArgumentCount.from(least);
    }

    @Override
    public Optional<List<DataType>> inferInputTypes(CallContext given, boolean throwOnFailure) {
        return Optional.of(
                given.getArgumentDataTypes().stream().map(DataTypeUtils::toInternalDataType).toList());
    }

    @Override
    public List<Signature> getExpectedSignatures(FunctionDefinition definition) {
        return List.of(Signature.of(Signature.Argument.of("argument ...")));
    }
}
