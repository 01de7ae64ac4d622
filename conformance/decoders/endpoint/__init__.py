"""An HTTP endpoint on the loopback that answers as SageMaker and Bedrock do, and whole clients judged through it."""
